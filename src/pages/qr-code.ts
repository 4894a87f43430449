import { encode } from 'uqr';

/** A QR code as an SVG in a data URI, black on white with the quiet zone of four modules that ISO/IEC 18004 asks for. */
export function qrCodeUri(text: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${data.map(runs).join('')}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** The dark modules of a row, one rectangle for each run of them. */
function runs(row: readonly boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    let end = x;
    while (row[end]) end++;
    path += `M${x} ${y}h${end - x}v1H${x}z`;
    x = end;
  }
  return path;
}
