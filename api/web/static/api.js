// Questions to /v1, as JSON.

import {token} from './token.js';

// status 0: no answer came. `detail` is the sentence of the problem document (RFC 9457).
export class ApiError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

// get(['domains', 'firm.example', 'summary'], {from: '2026-11-01'}, signal)
export async function get(path, parameters, signal) {
  const url = `/v1/${path.map(encodeURIComponent).join('/')}${queryOf(parameters)}`;
  const headers = {Accept: 'application/json'};
  if (token() !== null) headers.Authorization = `Bearer ${token()}`;
  const response = await answered(url, {headers, signal, credentials: 'omit'});
  const body = await json(response);
  if (!response.ok) throw new ApiError(response.status, body?.detail ?? response.statusText);
  return body;
}

async function answered(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'tlsrptd does not answer.');
  }
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    if (response.ok) throw new ApiError(0, 'The answer broke off.');
    return null;  // an error that something in between gave
  }
}

function queryOf(parameters = {}) {
  const kept = Object.entries(parameters).filter(([, value]) => value !== null);
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept)}`;
}
