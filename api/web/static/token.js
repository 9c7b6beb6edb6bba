// The API token of whoever looks: kept for this tab until it is closed, and nowhere else.

const KEY = 'tlsrptd.token';

export function token() {
  return sessionStorage.getItem(KEY);
}

export function keep(text) {
  sessionStorage.setItem(KEY, text);
}

export function forget() {
  sessionStorage.removeItem(KEY);
}
