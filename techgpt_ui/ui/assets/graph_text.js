// Words for the graph: measured, wrapped and made fit for XML.
export const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

const pen = document.createElement("canvas").getContext("2d");

export function measure(words, size) {
  pen.font = `${size}px ${FONT}`;
  return pen.measureText(words).width;
}

// What XML 1.0 cannot hold becomes U+FFFD, as in the GraphML; lines become spaces.
export function clean(words) {
  const fit = words.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
  return fit.replace(/\s+/gu, " ").trim();
}

// At most `most` lines no wider than `width`; Latin words stay whole where they fit.
export function labelLines(words, size, width, most) {
  const lines = [""];
  for (const word of words.match(/[\p{Script=Latin}\p{N}\p{M}'’.-]+|\P{M}\p{M}*|\p{M}+/gu) ?? []) {
    for (const part of measure(word, size) > width ? Array.from(word) : [word]) {
      if (measure(lines.at(-1) + part, size) > width) lines.push("");
      lines[lines.length - 1] += lines.at(-1) ? part : part.trimStart();
    }
  }
  const shown = lines.slice(0, most).map((line) => line.trimEnd());
  if (lines.length > most) shown[most - 1] += "…";
  return shown;
}
