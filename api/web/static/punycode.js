// "xn--bcher-kva.example" -> "bücher.example": RFC 3492 backwards, for showing only.

const BASE = 36;
const TMIN = 1;
const TMAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 128;
const PREFIX = 'xn--';

// A label that cannot be read stays as it is.
export function uLabels(domain) {
  return domain.split('.').map((label) => {
    if (!label.startsWith(PREFIX)) return label;
    return decoded(label.slice(PREFIX.length)) ?? label;
  }).join('.');
}

// RFC 3492, 6.2; null for what is no Punycode.
function decoded(text) {
  const hyphen = text.lastIndexOf('-');
  const output = [...(hyphen > 0 ? text.slice(0, hyphen) : '')];
  let n = INITIAL_N;
  let i = 0;
  let bias = INITIAL_BIAS;
  let at = hyphen > 0 ? hyphen + 1 : 0;
  while (at < text.length) {
    const before = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(text[at++]);
      if (digit === null) return null;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, TMIN), TMAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapted(i - before, length, before === 0);
    n += Math.floor(i / length);
    i %= length;
    if (n > 0x10FFFF) return null;
    output.splice(i++, 0, String.fromCodePoint(n));
  }
  return output.join('');
}

// "a" to "z" are 0 to 25, "0" to "9" are 26 to 35; null past the end and for others.
function digitOf(character) {
  if (character === undefined) return null;
  const at = 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(character);
  return at < 0 ? null : at;
}

// RFC 3492, 6.1
function adapted(delta, length, first) {
  delta = first ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  delta += Math.floor(delta / length);
  let k = 0;
  for (; delta > ((BASE - TMIN) * TMAX) / 2; k += BASE) {
    delta = Math.floor(delta / (BASE - TMIN));
  }
  return k + Math.floor(((BASE - TMIN + 1) * delta) / (delta + SKEW));
}
