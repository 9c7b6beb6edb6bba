-- What a migration needs before there is one: the roles, the schema, the table that
-- says which version it has. Run at the start of every `migrate`; each step looks first,
-- so a second run, or two at once, changes nothing.
--
-- Roles belong to the cluster, not to the database: another database, or another node at
-- this moment, may have made them. They cannot log in. The user of the DSN becomes a
-- member, and each room's connection takes its role (`-c role=`, store/pg).
DO $$
DECLARE
    name text;
    -- From 16 on, being a member does not include the right to SET ROLE.
    may_set text := CASE WHEN current_setting('server_version_num')::int >= 160000
                         THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    FOREACH name IN ARRAY
        ARRAY['tlsrptd_owner', 'tlsrptd_ingest', 'tlsrptd_api', 'tlsrptd_admin',
              'tlsrptd_grafana']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;  -- made at this moment by somebody else
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION USING
                        ERRCODE = 'insufficient_privilege',
                        MESSAGE = format('role %s is missing, and user %s may not create '
                                         'roles', name, session_user),
                        HINT = format('let a superuser run once: '
                            'CREATE ROLE tlsrptd_owner; CREATE ROLE tlsrptd_ingest; '
                            'CREATE ROLE tlsrptd_api; CREATE ROLE tlsrptd_admin; '
                            'CREATE ROLE tlsrptd_grafana; '
                            'GRANT tlsrptd_owner, tlsrptd_ingest, tlsrptd_api, '
                            'tlsrptd_admin, tlsrptd_grafana TO %I;', session_user);
            END;
        END IF;
        -- Grafana has a login of its own, which the administrator makes a member.
        IF name <> 'tlsrptd_grafana'
           AND NOT pg_has_role(session_user, name, may_set) THEN
            BEGIN
                EXECUTE format('GRANT %I TO %I', name, session_user);
            EXCEPTION
                WHEN unique_violation THEN
                    NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION USING
                        ERRCODE = 'insufficient_privilege',
                        MESSAGE = format('user %s is not a member of role %s',
                                         session_user, name),
                        HINT = format('let a superuser run once: GRANT tlsrptd_owner, '
                            'tlsrptd_ingest, tlsrptd_api, tlsrptd_admin TO %I;',
                            session_user);
            END;
        END IF;
    END LOOP;

    -- CREATE SCHEMA IF NOT EXISTS asks for the right to create even where it exists.
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'tlsrptd') THEN
        BEGIN
            CREATE SCHEMA tlsrptd AUTHORIZATION tlsrptd_owner;
        EXCEPTION
            WHEN duplicate_schema OR unique_violation THEN
                NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION USING
                    ERRCODE = 'insufficient_privilege',
                    MESSAGE = format('user %s may not create schema tlsrptd in database %s',
                                     session_user, current_database()),
                    HINT = format('let its owner run once: '
                        'CREATE SCHEMA tlsrptd AUTHORIZATION tlsrptd_owner;');
        END;
    END IF;

    SET LOCAL ROLE tlsrptd_owner;
    IF to_regclass('tlsrptd.schema_version') IS NULL THEN
        BEGIN
            CREATE TABLE tlsrptd.schema_version (
                version        integer     NOT NULL,  -- number of the migration
                -- A program that knows migrations up to this number may still use the
                -- database: expand first, contract a release later.
                oldest_program integer     NOT NULL,
                name           text COLLATE "C" NOT NULL,  -- file name of the migration
                applied_at     timestamptz NOT NULL,
                CONSTRAINT schema_version_pk PRIMARY KEY (version),
                CONSTRAINT schema_version_oldest
                    CHECK (oldest_program BETWEEN 1 AND version)
            );
        EXCEPTION
            WHEN duplicate_table OR unique_violation THEN
                NULL;
        END;
    END IF;
END $$;
