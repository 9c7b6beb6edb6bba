// Numbers, days and times, in one form everywhere.

const NUMBERS = new Intl.NumberFormat('en');

// 1234567 -> "1,234,567"
export function count(number) {
  return NUMBERS.format(number);
}

// (1, 'session') -> "1 session"
export function counted(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

// Cut, not rounded: 99.999 % of a million is not "100 %".
export function share(part, whole) {
  if (whole === 0) return '–';
  return (Math.floor((part / whole) * 100_000) / 1000).toFixed(part === whole ? 0 : 3) + ' %';
}

// "2026-11-23T10:00:00Z" -> "2026-11-23 10:00 UTC"
export function time(text) {
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

// A Date -> the UTC day it lies in, "2026-11-23"
export function dayOf(date) {
  return date.toISOString().slice(0, 10);
}

// The UTC day so many days before `date`.
export function daysBefore(date, days) {
  return dayOf(new Date(date.getTime() - days * 86_400_000));
}

// Every day from `first` to `last`, both included.
export function daysBetween(first, last) {
  const days = [];
  for (let day = new Date(`${first}T00:00:00Z`); dayOf(day) <= last;
    day = new Date(day.getTime() + 86_400_000)) {
    days.push(dayOf(day));
  }
  return days;
}

export function dayRange(first, last) {
  return first === last ? first : `${first} to ${last}`;
}

// "days_with_evidence" -> "days with evidence"
export function spaced(name) {
  return name.replaceAll('_', ' ');
}
