-- Signals that moved nothing count towards the limit of their instance, superseded ones too: both are removed when they are old.
create index signals_refused on engine.signals (at) where outcome >= 2;
drop index engine.signals_not_expected;
