// Places for the nodes: springs as long as the words on them need, repulsion between all nodes, and a pull to the
// middle that is stronger where the screen is narrower (after Fruchterman and Reingold, 1991); then no two boxes on top
// of each other. Without chance: the same graph always looks the same.
const REACH = 70;
const FAR = 4 * REACH;
const GRAVITY = 0.11;
const GAP = 16;
const FEW = 120;
const PAIRS = 4e7;

// nodes: {x, y, w, h, fresh}, moved in place; links: {from, to, room} with indexes of nodes.
// A graph without fresh nodes keeps the places that its reader gave it.
export function arrange(nodes, links, aspect) {
  const fresh = nodes.filter((node) => node.fresh).length / nodes.length;
  const rounds = fresh ? Math.max(20, Math.min(500, Math.round(PAIRS / nodes.length ** 2))) : 0;
  const degrees = nodes.map(() => 1);
  for (const { from, to } of links) for (const end of [from, to]) degrees[end] += 1;
  nodes.forEach((node, at) => { if (node.fresh) Object.assign(node, seed(at, aspect)); });
  for (let round = 0; round < rounds; round += 1) {
    const furthest = 1 + REACH * (0.2 + fresh) * (1 - round / rounds);
    const pulls = forces(nodes, links, aspect);
    // Not before edges had their chance to pass each other.
    if (nodes.length <= FEW && round > rounds / 2) clear(nodes, links, pulls);
    pulls.forEach((force, at) => {
      const step = Math.min(0.6 / degrees[at], furthest / (Math.hypot(force.x, force.y) + 0.01));
      nodes[at].x += force.x * step;
      nodes[at].y += force.y * step;
    });
  }
  for (let round = 0; round < 100 && part(nodes); round += 1);
}

// Sunflower seeds: spread evenly, the nodes read first in the middle.
function seed(at, aspect) {
  const far = REACH * Math.sqrt(at);
  return { x: far * Math.cos(2.4 * at) * Math.sqrt(aspect), y: far * Math.sin(2.4 * at) / Math.sqrt(aspect) };
}

function forces(nodes, links, aspect) {
  const forces = nodes.map(({ x, y }) => ({ x: -GRAVITY * x / aspect ** 1.3, y: -GRAVITY * y * aspect ** 1.3 }));
  const push = (one, other, x, y) => {
    add(forces[one], x, y);
    add(forces[other], -x, -y);
  };
  for (let one = 0; one < nodes.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const x = nodes[one].x - nodes[other].x;
      const y = nodes[one].y - nodes[other].y;
      const square = x * x + y * y + 1;
      const strength = REACH * REACH / square;
      if (square < FAR * FAR) push(one, other, x * strength, y * strength);
    }
  }
  for (const { from, to, room } of links) {
    if (from === to) continue;
    const x = nodes[to].x - nodes[from].x;
    const y = nodes[to].y - nodes[from].y;
    const far = Math.hypot(x, y) + 1;
    const wanted = room + inside(nodes[from], x / far, y / far) + inside(nodes[to], x / far, y / far);
    const strength = (far - wanted) / far;
    push(from, to, x * strength, y * strength);
  }
  return forces;
}

// Pushes nodes, and the words on other edges, off the words in the middle of an edge.
function clear(nodes, links, forces) {
  const bodies = nodes.map((node, at) => ({ x: node.x, y: node.y, ends: [at] }));
  for (const { from, to } of links) {
    const [a, b] = [nodes[from], nodes[to]];
    if (from !== to) bodies.push({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, ends: [from, to] });
  }
  for (let one = nodes.length; one < bodies.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const [a, b] = [bodies[one], bodies[other]];
      if (Math.abs(a.x - b.x) > REACH || Math.abs(a.y - b.y) > REACH) continue;
      const far = Math.hypot(a.x - b.x, a.y - b.y) + 1;
      if (far > REACH || (b.ends.length === 1 && a.ends.includes(b.ends[0]))) continue;
      const x = (a.x - b.x) / far * (REACH - far);
      const y = (a.y - b.y) / far * (REACH - far);
      for (const end of a.ends) add(forces[end], x, y);
      for (const end of b.ends) add(forces[end], -x, -y);
    }
  }
}

function add(force, x, y) {
  force.x += x;
  force.y += y;
}

// How far it is from the middle of a box to its border.
function inside({ w, h }, x, y) {
  return Math.min(w / 2 / (Math.abs(x) + 0.01), h / 2 / (Math.abs(y) + 0.01));
}

// Moves overlapping boxes apart, each half of the shorter way; false when there were none.
function part(nodes) {
  let moved = false;
  for (let one = 0; one < nodes.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const [a, b] = [nodes[one], nodes[other]];
      const x = (a.w + b.w) / 2 + GAP - Math.abs(a.x - b.x);
      const y = (a.h + b.h) / 2 + GAP - Math.abs(a.y - b.y);
      if (x <= 0 || y <= 0) continue;
      moved = true;
      const axis = x < y ? "x" : "y";
      const half = Math.min(x, y) / 2 * (a[axis] < b[axis] ? -1 : 1);
      a[axis] += half;
      b[axis] -= half;
    }
  }
  return moved;
}
