-- Whether the login of this session may take the role that makes and drops partitions.
SELECT pg_has_role(session_user, 'tlsrptd_owner', 'MEMBER') AS may_own
