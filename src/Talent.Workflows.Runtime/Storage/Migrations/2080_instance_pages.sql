-- A page keeps room for one step's new version of a row, which takes the room of the last one; 30 per cent was room for more
-- than one and cost a waiting instance some 700 bytes. Pages that are full already stay as they are.
alter table engine.instances set (fillfactor = 85);
