// Elements as they come from Python, made ready to draw: labels wrapped, boxes measured, every box in its place.
import { arrange } from "./graph_layout.js";
import { clean, labelLines, measure } from "./graph_text.js";

// before: the places of nodes already on the screen, by id and label together.
export function prepared(elements, before, aspect) {
  const hub = Math.max(3, 0.6 * elements.reduce((most, { data }) => Math.max(most, data.degree ?? 0), 0));
  const nodes = elements.filter(({ group }) => group === "nodes").map(({ data }) => {
    const size = 13 + Math.min(3, Math.log2(Math.max(1, data.degree)));
    const lines = labelLines(clean(data.label), size, 150, 3);
    const widest = Math.max(30, ...lines.map((line) => measure(line, size)));
    const box = { w: widest + 20, h: lines.length * size * 1.3 + 12 };
    const classes = [data.grounded ? "" : "out", data.degree >= hub ? "hub" : ""].join(" ");
    return { classes, data: { ...data, ...box, size, shown: lines.join("\n") } };
  });
  const at = new Map(nodes.map(({ data }, index) => [data.id, index]));
  const edges = elements.filter(({ group }) => group === "edges").map(({ data }) => {
    const lines = labelLines(clean(data.count > 1 ? `${data.label} ×${data.count}` : data.label), 11, 150, 2);
    return { data: { ...data, shown: lines.join("\n"), wide: Math.max(...lines.map((line) => measure(line, 11))) } };
  });
  const links = edges.map(({ data }) => ({ from: at.get(data.source), to: at.get(data.target), room: 36 + data.wide }));
  const boxes = nodes.map(({ data: { id, label, w, h } }) => (
    { w, h, fresh: !before.has(id + label), ...before.get(id + label) }));
  arrange(boxes, links, Math.max(0.6, Math.min(2, aspect)));
  nodes.forEach((node, index) => { node.position = { x: boxes[index].x, y: boxes[index].y }; });
  return { nodes, edges };
}
