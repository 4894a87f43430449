import { type KeyObject, randomBytes, sign } from 'node:crypto';

/** Years. Nobody checks it: providers are given the certificate itself, and another one replaces it. */
const lifetime = 20;

/**
 * A certificate that carries an RSA key and nothing else (X.509 v1, RFC 5280 section 4.1, sha256WithRSAEncryption, signed by
 * the key itself): the form in which SAML metadata hands keys over. PEM.
 */
export function makeCertificate({
  publicKey,
  privateKey,
  name,
  now,
}: {
  publicKey: KeyObject;
  privateKey: KeyObject;
  /** The subject's common name. */
  name: string;
  /** Milliseconds since the epoch. */
  now: number;
}): string {
  const subject = sequence(set(sequence(commonName, text(name))));
  const from = new Date(now);
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + lifetime);
  const content = sequence(
    integer(randomBytes(16)),
    signatureAlgorithm,
    subject,
    sequence(time(from), time(until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, signatureAlgorithm, bits(signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

// Distinguished Encoding Rules (ITU-T X.690)

function element(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const bytes = size < 0x100 ? [size] : [size >> 8, size & 0xff];
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return element(0x30, ...parts);
}

function set(...parts: Uint8Array[]): Buffer {
  return element(0x31, ...parts);
}

/** A positive number: its highest bit is cleared, and its second set, so that it is one in its shortest form. */
function integer(bytes: Buffer): Buffer {
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return element(0x02, bytes);
}

function bits(bytes: Buffer): Buffer {
  return element(0x03, Buffer.from([0]), bytes);
}

function text(value: string): Buffer {
  return element(0x0c, Buffer.from(value, 'utf8'));
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

/** 2.5.4.3 */
const commonName = element(0x06, Buffer.from([0x55, 0x04, 0x03]));

/** 1.2.840.113549.1.1.11, sha256WithRSAEncryption, with NULL parameters */
const signatureAlgorithm = sequence(
  element(0x06, Buffer.from([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b])),
  element(0x05),
);
