-- What `tlsrptd demo` received: of its node $1, out of no file.
DELETE FROM receipt WHERE node = $1 AND peer = 'demo'
