// The graph as SVG, from the positions on the canvas; the serialiser escapes all words.
import { FONT, clean } from "./graph_text.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 24;

const draw = (tag, attributes, ...children) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

const title = (words) => draw("title", {}, clean(words));

export function toSvg(cy, paint) {
  const box = cy.elements().boundingBox();
  const area = [box.x1 - MARGIN, box.y1 - MARGIN, box.w + 2 * MARGIN, box.h + 2 * MARGIN].map((one) => one.toFixed(1));
  const arrow = draw("marker", {
    id: "arrow", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 9, markerHeight: 9, orient: "auto",
    markerUnits: "userSpaceOnUse",
  }, draw("path", { d: "M0 0 10 5 0 10z", fill: paint.edge }));
  const picture = draw(
    "svg", { viewBox: area.join(" "), width: area[2], height: area[3], "font-family": FONT, "text-anchor": "middle" },
    draw("defs", {}, arrow),
    draw("rect", { x: area[0], y: area[1], width: area[2], height: area[3], fill: paint.back }),
    ...cy.edges().map((edge) => line(edge, paint)),
    ...cy.nodes().map((node) => pill(node, paint)),
    ...cy.edges().map((edge) => predicate(edge, paint)),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(picture)}`;
}

function line(edge, paint) {
  const from = edge.sourceEndpoint();
  const to = edge.targetEndpoint();
  const bends = edge.controlPoints() ?? [];
  const at = (point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
  const path = bends.map((bend, index) => {
    const next = bends[index + 1];
    return `Q${at(bend)} ${at(next ? { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 } : to)}`;
  });
  return draw("path", {
    d: `M${at(from)}${path.join("") || `L${at(to)}`}`, fill: "none", stroke: paint.edge,
    "stroke-width": (1.3 + Math.log2(edge.data("count"))).toFixed(2), "marker-end": "url(#arrow)",
  });
}

function pill(node, paint) {
  const { fill, line: stroke, ink } = paint.node(node);
  const { x, y } = node.position();
  const { w, h, size, shown, label } = node.data();
  return draw("g", {}, title(label), draw("rect", {
    x: (x - w / 2).toFixed(1), y: (y - h / 2).toFixed(1), width: w.toFixed(1), height: h.toFixed(1), rx: 8,
    fill, stroke, "stroke-width": 1.5, "stroke-dasharray": node.hasClass("out") ? "5 3" : "none",
  }), ...words(shown, x, y, size, { fill: ink }));
}

function predicate(edge, paint) {
  const { x, y } = edge.midpoint();
  const from = edge.source().position();
  const to = edge.target().position();
  let angle = Math.atan2(to.y - from.y, to.x - from.x) * 180 / Math.PI;
  if (Math.abs(angle) > 90) angle -= 180 * Math.sign(angle);
  const turned = { transform: `rotate(${angle.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)})` };
  return draw("g", turned, title(edge.data("label")), ...words(edge.data("shown"), x, y, 11, {
    fill: paint.words, stroke: paint.back, "stroke-width": 4, "stroke-linejoin": "round", "paint-order": "stroke",
  }));
}

function words(shown, x, y, size, style) {
  const lines = shown.split("\n");
  const first = y - (lines.length - 1) / 2 * size * 1.3 + size * 0.35;
  return lines.map((text, at) => draw("text", {
    x: x.toFixed(1), y: (first + at * size * 1.3).toFixed(1), "font-size": size, ...style,
  }, text));
}
