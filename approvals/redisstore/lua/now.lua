-- now: the clock of the node that holds the workspace.
--
-- KEYS     audit:seq (routes the script; not read)
-- verdicts {'ok', now}
-- writes   nothing
return {'ok', clock()}
