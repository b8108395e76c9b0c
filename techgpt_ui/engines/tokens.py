"""What prompts ask of a tokenizer of transformers, without a model behind it. Importing this does not import torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tokenizers.decoders import DecodeStream

from techgpt_ui.schema import ChatMessage, Segment


class TokenizerTokens:
    """Text to ids and back, as one model wants it."""

    def __init__(self, tokenizer: Any, context: int, add_bos: bool) -> None:
        self.context = context
        self._tokenizer = tokenizer
        self._add_bos = add_bos
        special = sorted(tokenizer.all_special_tokens, key=len, reverse=True)
        self._special = re.compile("(" + "|".join(map(re.escape, special)) + ")")
        self._swallows = self._ids(" a") == self._ids("a")

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        """Token ids, BOS first where the model wants one; plain segments stay plain text."""
        ids = [self._tokenizer.bos_token_id] if self._add_bos else []
        plain = ""
        for segment in segments:
            # Capturing split: every second piece is a special token, the rest runs on across segments.
            for at, piece in enumerate(self._special.split(segment.text) if segment.control else [segment.text]):
                if at % 2 == 0:
                    plain += piece
                else:
                    ids += [*self.plain_ids(plain), self._tokenizer.convert_tokens_to_ids(piece)]
                    plain = ""
        return ids + self.plain_ids(plain)

    def plain_ids(self, text: str) -> list[int]:
        """Ids of text in which nothing is a special token."""
        # SentencePiece puts a space before every text, also before one that begins with a space: it must not be lost.
        return self._ids(f" {text}" if self._swallows and text.startswith(" ") else text) if text else []

    def _ids(self, text: str) -> list[int]:
        encoded = self._tokenizer(text, add_special_tokens=False, split_special_tokens=True)
        return list(encoded["input_ids"])

    def offsets(self, text: str) -> list[int]:
        """End offset in ``text`` of each of its tokens."""
        encoded = self._tokenizer(
            text, add_special_tokens=False, split_special_tokens=True, return_offsets_mapping=True
        )
        return [end for _, end in encoded["offset_mapping"]]

    def text(self, ids: Sequence[int]) -> str:
        """The ids as written."""
        return "".join(piece for piece, _ in self.pieces(ids))

    def pieces(self, ids: Sequence[int]) -> list[tuple[str, bool]]:
        """The ids as written, piece by piece, and whether each is a special token; tokens of one character are one."""
        stream = DecodeStream(skip_special_tokens=False)
        special = set(self._tokenizer.all_special_ids)
        written = ((stream.step(self._tokenizer.backend_tokenizer, token), token in special) for token in ids)
        return [(piece, is_special) for piece, is_special in written if piece]

    def chat_markup(self, messages: Sequence[ChatMessage]) -> str:
        """The chat template over ``messages``, up to where the assistant begins."""
        markup: str = self._tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
        return markup
