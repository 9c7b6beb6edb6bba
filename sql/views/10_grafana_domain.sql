-- grafana_domain: our domains, and how each stands. A wildcard entry (".example.net") is
-- not one: no report is about it. `data` is 'demo' for what `tlsrptd demo` made up, and
-- 'real': never add up both.
--
-- `state` is the verdict as the worker last found it, or 'unknown' where there is none -
-- and in place of a 'ready' that something speaks against, as in the API's list.
-- `sentence` says why then, in the API's words (api/rest/standing_json.cc), and never
-- that the domain is ready.
--
-- `stale` is what speaks against the last evaluation, of whatever verdict, in the words
-- of store/model/domain_status.h; '': nothing. The first of these, as in
-- sql/queries/fleet_one.sql: there was none; work on the domain that waits; a status that
-- is overdue or from a wrong clock; an intake that is behind. The times are those of
-- store/queries/fleet.h, api/fleet/moment.h and api/readiness/settings.h.
CREATE OR REPLACE VIEW grafana_domain AS
SELECT domain.domain, CASE WHEN demo THEN 'demo' ELSE 'real' END AS data, source, added_at,
       CASE WHEN verdict IS NULL OR (verdict = 'ready' AND stale <> '') THEN 'unknown'
            ELSE verdict END AS state,
       coalesce(health, '') AS health,  -- 'ok' or 'at_risk' where the state is enforcing
       CASE WHEN verdict <> 'ready' THEN sentence
            ELSE CASE stale
                WHEN '' THEN sentence
                WHEN 'never_evaluated' THEN 'It was not evaluated yet.'
                WHEN 'evaluation_due' THEN
                    'Something came in since it was last evaluated, and is being looked at.'
                WHEN 'overdue' THEN 'Its evaluation is overdue; look whether a worker runs.'
                ELSE 'Reports that nobody has looked at may be waiting; look at the nodes '
                     'and their spools.'
            END END AS sentence,
       evaluated_at, stale
FROM domain
LEFT JOIN domain_status ON policy_domain = domain.domain
CROSS JOIN LATERAL (SELECT CASE
    WHEN verdict IS NULL THEN 'never_evaluated'
    WHEN EXISTS (SELECT FROM work
                 WHERE kind = 'evaluate' AND work.domain IN ('', domain.domain))
        THEN 'evaluation_due'
    WHEN next_evaluation < now() - interval '1 hour'
         OR evaluated_at > now() + interval '5 minutes' THEN 'overdue'
    -- A heartbeat of the future: one of the two clocks is wrong, and a node that died
    -- would look alive until ours has come there.
    WHEN EXISTS (SELECT FROM node
                 WHERE heartbeat_at < now() - interval '10 minutes'
                    OR heartbeat_at > now() + interval '10 minutes'
                    OR spool_oldest_at < now() - interval '1 minute'
                    OR spool_oldest_at > heartbeat_at
                    OR (spool_oldest_at IS NULL AND spool_depth > 0)) THEN 'intake_behind'
    ELSE '' END AS stale) AS held
WHERE NOT starts_with(domain.domain, '.');
