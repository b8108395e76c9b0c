// The graph as a picture, and files for the browser's downloads.
const MARGIN = 40;
const LIMIT = 8000;

export async function png(cy) {
  const box = cy.elements().boundingBox();
  const scale = Math.min(2, LIMIT / box.w, LIMIT / box.h);
  const picture = cy.png({ output: "blob", full: true, scale, bg: "#ffffff" });
  const image = await createImageBitmap(picture);
  const canvas = Object.assign(document.createElement("canvas"), {
    width: image.width + 2 * MARGIN, height: image.height + 2 * MARGIN,
  });
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, MARGIN, MARGIN);
  return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
}

export function fileOf(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
