// Where on the page somebody is: "#/domains/firm.example?days=30" and back.
//
// It stands behind the "#", so a reload and a link in a mail lead to the same place, and
// the server never sees it.

// {path: ['domains', 'firm.example'], query: URLSearchParams}
export function parse(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return {
    path: path.split('/').filter((segment) => segment !== '').map(decoded),
    query: new URLSearchParams(query),
  };
}

// link(['domains', 'firm.example'], {days: 30}); members that are null are left out.
export function link(path, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== '');
  const parameters = new URLSearchParams(kept).toString();
  return '#/' + path.map(encodeURIComponent).join('/') + (parameters && `?${parameters}`);
}

// The same place with some parameters changed.
export function changed(route, changes) {
  return link(route.path, {...Object.fromEntries(route.query), ...changes});
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;  // a bad escape: no place has such a name
  }
}
