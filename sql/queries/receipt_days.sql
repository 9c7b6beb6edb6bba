-- The first and the last day that has a receipt.
SELECT min(received_on) AS first_day, max(received_on) AS last_day FROM receipt
