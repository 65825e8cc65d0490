-- Finds old signals that nothing expected, for their removal; steps that apply a signal don't touch it.
create index signals_not_expected on engine.signals (at) where outcome = 3;
