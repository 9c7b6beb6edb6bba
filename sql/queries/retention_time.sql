-- What retention may go by: the time, and the last day that has a receipt.
SELECT now() AS database_time, max(received_on) AS last_day FROM receipt
