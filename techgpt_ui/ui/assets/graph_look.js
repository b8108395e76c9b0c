// Colours of the graph; every text keeps a contrast of 4.5 to what is behind it, in both themes.
import { FONT } from "./graph_text.js";

const TEAL = 176;

// In hexadecimal, for not every program that opens an SVG knows hsl().
function hsl(hue, saturation, lightness) {
  const part = (turn) => {
    const at = (turn + hue / 30) % 12;
    const reach = saturation / 100 * Math.min(lightness, 100 - lightness);
    const level = lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1));
    return Math.round(2.55 * level).toString(16).padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}

export function paints(dark) {
  return {
    edge: dark ? "#94a3b8" : "#64748b",
    words: dark ? "#e2e8f0" : "#334155",
    back: dark ? "#0f172a" : "#ffffff",
    chosen: dark ? "#fbbf24" : "#b45309",
    node(element) {
      const hue = element.data("hue") ?? TEAL;
      if (element.hasClass("out")) {
        return dark ? { fill: "#1e293b", line: "#fdba74", ink: "#fed7aa" }
          : { fill: "#fff7ed", line: "#c2410c", ink: "#7c2d12" };
      }
      if (element.hasClass("hub")) {
        return dark ? { fill: hsl(hue, 55, 68), line: hsl(hue, 55, 80), ink: "#0b1220" }
          : { fill: hsl(hue, 75, 22), line: hsl(hue, 75, 16), ink: "#ffffff" };
      }
      return dark ? { fill: hsl(hue, 35, 20), line: hsl(hue, 40, 58), ink: hsl(hue, 50, 92) }
        : { fill: hsl(hue, 65, 93), line: hsl(hue, 50, 38), ink: hsl(hue, 70, 14) };
    },
  };
}

export function look(dark) {
  const paint = paints(dark);
  return [
    { selector: "node", style: {
      shape: "round-rectangle", width: "data(w)", height: "data(h)", label: "data(shown)", "text-wrap": "wrap",
      "text-max-width": 400, "text-valign": "center", "text-halign": "center", "font-family": FONT, "line-height": 1.3,
      "font-size": "data(size)", "min-zoomed-font-size": 5, color: (node) => paint.node(node).ink,
      "background-color": (node) => paint.node(node).fill, "border-color": (node) => paint.node(node).line,
      "border-width": 1.5, "overlay-opacity": 0,
    } },
    { selector: "node.out", style: { "border-style": "dashed" } },
    { selector: "edge", style: {
      "curve-style": "bezier", "control-point-step-size": 56, width: (edge) => 1.3 + Math.log2(edge.data("count")),
      "line-color": paint.edge, "target-arrow-color": paint.edge, "target-arrow-shape": "triangle", "arrow-scale": 0.95,
      label: "data(shown)", "text-wrap": "wrap", "text-max-width": 400, "font-family": FONT, "font-size": 11,
      "min-zoomed-font-size": 6, "text-rotation": "autorotate", color: paint.words, "text-background-color": paint.back,
      "text-background-opacity": 0.92, "text-background-padding": 2, "text-background-shape": "round-rectangle",
      "overlay-opacity": 0, "loop-direction": "-45deg", "loop-sweep": "70deg",
    } },
    { selector: ".faded", style: { opacity: 0.15 } },
    { selector: "node.chosen", style: { "border-width": 3, "border-color": paint.chosen } },
    { selector: "edge.chosen", style: { width: 3, "line-color": paint.chosen, "target-arrow-color": paint.chosen } },
  ];
}
