import { encode } from 'uqr';
import { expect, test } from 'vitest';
import { qrCodeUri } from '../../src/pages/qr-code.ts';

test('the picture has exactly the dark modules of the code, a light background and a quiet zone', () => {
  const text = 'otpauth://totp/Acme:ann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme';
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const uri = qrCodeUri(text);
  expect(uri).toMatch(/^data:image\/svg\+xml,%3Csvg[^"<>&\s]*$/);
  expect(uri.length).toBeLessThan(20_000);

  const svg = decodeURIComponent(uri);
  expect(svg).toContain(`viewBox="0 0 ${size} ${size}"`);
  expect(svg).toContain(`<path fill="#fff" d="M0 0h${size}v${size}H0z"/>`);
  const drawn = data.map((row) => row.map(() => false));
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1H\1z/g)) {
    for (let dx = 0; dx < Number(width); dx++) drawn[Number(y)]![Number(x) + dx] = true;
  }
  expect(drawn).toEqual(data);
  expect(data.slice(0, 4).flat().some(Boolean)).toBe(false);
});
