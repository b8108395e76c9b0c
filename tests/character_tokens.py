"""A tokenizer for engines that say what they are told: a token is a character."""

from collections.abc import Sequence

from techgpt_ui.schema import ChatMessage, Segment


class CharacterTokens:
    """Counts characters; the chat template names the roles in brackets."""

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        return list(range(sum(len(segment.text) for segment in segments)))

    def offsets(self, text: str) -> list[int]:
        return list(range(1, len(text) + 1))

    def pieces(self, ids: Sequence[int]) -> list[tuple[str, bool]]:
        return [("x", False)] * len(ids)

    def chat_markup(self, messages: Sequence[ChatMessage]) -> str:
        return "".join(f"[{message['role']}]{message['content']}" for message in messages) + "[assistant]"
