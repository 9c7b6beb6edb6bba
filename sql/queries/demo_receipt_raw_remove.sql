-- The bytes of what `tlsrptd demo` received. Before the receipts, which say whose they are.
DELETE FROM receipt_raw
WHERE (received_on, receipt_id) IN (SELECT received_on, receipt_id FROM receipt
                                    WHERE node = $1 AND peer = 'demo')
