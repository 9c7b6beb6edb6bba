-- No longer ours: its changes stay, its status does not.
DELETE FROM domain_status WHERE policy_domain = $1
