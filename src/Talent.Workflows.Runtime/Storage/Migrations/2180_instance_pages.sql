-- Six rows of a waiting instance lie in a page, with room for the new versions of two: neighbours are started one after the
-- other and often decided together, and a version that finds no room costs entries in three indexes.
alter table engine.instances set (fillfactor = 72);
