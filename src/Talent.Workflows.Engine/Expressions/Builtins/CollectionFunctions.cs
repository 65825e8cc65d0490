using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>Map and Set. Their keys(), values() and entries() give arrays.</summary>
internal static class CollectionFunctions
{
    public static readonly NativeTable MapMethods = new(
    [
        new("get", 1, static (x, self, a) => Self(x, self, true).Lookup(Key(x, a))),
        new("set", 2, static (x, self, a) =>
        {
            Self(x, self, true).Put(x, a.At(0), a.At(1));
            return self;
        }),
        .. Shared(true),
    ]);

    public static readonly NativeTable SetMethods = new(
    [
        new("add", 1, static (x, self, a) =>
        {
            Self(x, self, false).Put(x, a.At(0), a.At(0));
            return self;
        }),
        .. Shared(false),
    ]);

    public static readonly Constructor Map = new("Map", 0, NeedsNew, static (x, _, a) =>
    {
        x.Allocate(160);
        var map = new ScriptCollection(true);
        if (!a.At(0).IsNullish)
        {
            foreach (var entry in Iteration.Of(x, a.At(0)))
            {
                if (!entry.IsObject)
                {
                    throw x.TypeError("new Map() needs [key, value] pairs");
                }
                map.Put(x, Members.Get(x, entry, Value.Of(0)), Members.Get(x, entry, Value.Of(1)));
            }
        }
        return Value.Of(map);
    }, static o => o is ScriptCollection { IsMap: true }, new NativeTable([]));

    public static readonly Constructor Set = new("Set", 0, NeedsNew, static (x, _, a) =>
    {
        x.Allocate(160);
        var set = new ScriptCollection(false);
        if (!a.At(0).IsNullish)
        {
            foreach (var item in Iteration.Of(x, a.At(0)))
            {
                set.Put(x, item, item);
            }
        }
        return Value.Of(set);
    }, static o => o is ScriptCollection { IsMap: false }, new NativeTable([]));

    private static Value NeedsNew(Evaluation x, Value self, ReadOnlySpan<Value> arguments) => throw x.TypeError("Map and Set are made with new");

    private static Value Key(Evaluation x, ReadOnlySpan<Value> arguments)
    {
        var key = arguments.At(0);
        x.Step(key.IsString ? key.TextLength / 16 : 0);
        return key;
    }

    private static ScriptCollection Self(Evaluation x, Value self, bool map) =>
        self.Object is ScriptCollection collection && collection.IsMap == map ? collection : throw x.TypeError($"This method needs a {(map ? "Map" : "Set")}");

    private static NativeFunction[] Shared(bool map) =>
    [
        new("has", 1, (x, self, a) => Value.Of(Self(x, self, map).Has(Key(x, a)))),
        new("delete", 1, (x, self, a) => Value.Of(Self(x, self, map).Remove(Key(x, a)))),
        new("clear", 0, (x, self, _) =>
        {
            x.Step(Self(x, self, map).Places / 4);
            Self(x, self, map).Clear();
            return default;
        }),
        new("forEach", 1, (x, self, a) =>
        {
            var function = x.Function(a.At(0), "forEach");
            var collection = Self(x, self, map);
            for (var i = 0; i < collection.Places; i++)
            {
                x.Step();
                var (key, value, live) = collection.At(i);
                if (live)
                {
                    x.Call(function, a.At(1), [value, key, self]);
                }
            }
            return default;
        }),
        new("keys", 0, (x, self, _) => List(x, Self(x, self, map), static (_, key, _) => key)),
        new("values", 0, (x, self, _) => List(x, Self(x, self, map), static (_, _, value) => value)),
        new("entries", 0, (x, self, _) => List(x, Self(x, self, map), static (x, key, value) => Value.Of(new ScriptArray(x, [key, value])))),
    ];

    private static Value List(Evaluation x, ScriptCollection collection, Func<Evaluation, Value, Value, Value> select)
    {
        var result = new ScriptArray(x, collection.Size);
        for (var i = 0; i < collection.Places; i++)
        {
            x.Step();
            var (key, value, live) = collection.At(i);
            if (live)
            {
                result.Add(x, select(x, key, value));
            }
        }
        return Value.Of(result);
    }
}
