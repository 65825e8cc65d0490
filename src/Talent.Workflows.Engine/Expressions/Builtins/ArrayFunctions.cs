using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static partial class ArrayFunctions
{
    public static readonly NativeTable Methods = new(
    [
        new("push", 1, Push), new("pop", 0, Pop), new("shift", 0, Shift), new("unshift", 1, Unshift), new("splice", 2, Splice),
        new("reverse", 0, Reverse), new("sort", 1, Sort), new("fill", 1, Fill), new("copyWithin", 2, NotSupported),
        new("slice", 2, Slice), new("concat", 1, Concat), new("join", 1, Join), new("at", 1, At), new("flat", 0, Flat), new("flatMap", 1, FlatMap),
        new("indexOf", 1, IndexOf), new("lastIndexOf", 1, LastIndexOf), new("includes", 1, Includes),
        new("find", 1, static (x, s, a) => Search(x, s, a, "find", false).Item),
        new("findIndex", 1, static (x, s, a) => Value.Of(Search(x, s, a, "findIndex", false).Index)),
        new("findLast", 1, static (x, s, a) => Search(x, s, a, "findLast", true).Item),
        new("findLastIndex", 1, static (x, s, a) => Value.Of(Search(x, s, a, "findLastIndex", true).Index)),
        new("filter", 1, Filter), new("map", 1, Map), new("forEach", 1, ForEach), new("some", 1, Some), new("every", 1, Every),
        new("reduce", 1, static (x, s, a) => Reduce(x, s, a, false)), new("reduceRight", 1, static (x, s, a) => Reduce(x, s, a, true)),
        new("keys", 0, static (x, s, _) => Enumerate(x, s, static (_, i, _) => Value.Of(i))),
        new("values", 0, static (x, s, _) => Enumerate(x, s, static (_, _, item) => item)),
        new("entries", 0, static (x, s, _) => Enumerate(x, s, static (x, i, item) => Value.Of(new ScriptArray(x, [Value.Of(i), item])))),
        new("toString", 0, static (x, s, _) => Join(x, s, [])),
        new("toReversed", 0, static (x, s, _) => Reverse(x, Slice(x, s, []), [])),
        new("toSorted", 1, static (x, s, a) => Sort(x, Slice(x, s, []), a)),
    ]);

    public static readonly Constructor Constructor = new("Array", 1, Create, Create, static o => o is ScriptArray, new NativeTable(
    [
        new("isArray", 1, static (_, _, a) => Value.Of(a.At(0).Object is ScriptArray)),
        new("of", 0, static (x, _, a) => Value.Of(new ScriptArray(x, a))),
        new("from", 1, From),
    ]));

    private static ScriptArray Self(Evaluation x, Value self) =>
        self.Object as ScriptArray ?? throw x.TypeError($"This array method needs an array, it got {Coerce.Describe(self)}; use Array.from(value)");

    private static Value NotSupported(Evaluation x, Value self, ReadOnlySpan<Value> arguments) => throw x.TypeError("copyWithin isn't supported; use slice and splice");

    private static Value Create(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        if (arguments.Length != 1 || !arguments[0].IsNumber)
        {
            return Value.Of(new ScriptArray(x, arguments));
        }
        var array = new ScriptArray(x, 0);
        array.Resize(x, arguments[0].Number);
        return Value.Of(array);
    }

    private static Value From(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var source = arguments.At(0);
        var map = arguments.At(1).IsUndefined ? null : x.Function(arguments[1], "Array.from");
        var result = new ScriptArray(x, 0);
        var items = source.IsString || source.Object is ScriptArray or ScriptCollection ? Iteration.Of(x, source) : ArrayLike(x, source);
        var index = 0;
        foreach (var item in items)
        {
            result.Add(x, map is null ? item : x.Call(map, arguments.At(2), [item, Value.Of(index)]));
            index++;
        }
        return Value.Of(result);
    }

    private static IEnumerable<Value> ArrayLike(Evaluation x, Value source)
    {
        if (source.IsNullish)
        {
            throw x.TypeError($"Array.from can't read {Coerce.Describe(source)}; check it first");
        }
        var length = source.Object is { } obj ? Coerce.ToInteger(x, obj.Get(x, "length")) : 0;
        for (double i = 0; i < length; i++)
        {
            x.Step();
            yield return Members.Get(x, source, Value.Of(i));
        }
    }

    private static Value Enumerate(Evaluation x, Value self, Func<Evaluation, int, Value, Value> select)
    {
        var array = Self(x, self);
        var result = new ScriptArray(x, array.Count(x));
        for (var i = 0; i < array.Count(x); i++)
        {
            x.Step();
            result.Add(x, select(x, i, array.At(x, i)));
        }
        return Value.Of(result);
    }

    private static Value Slice(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var start = Coerce.RelativeIndex(x, arguments.At(0), array.Count(x), 0);
        var end = Coerce.RelativeIndex(x, arguments.At(1), array.Count(x), array.Count(x));
        var items = array.Items(x);
        end = Math.Min(end, items.Length);
        x.Step(Math.Max(0, end - start) / 8);
        return Value.Of(new ScriptArray(x, start < end ? items[start..end] : []));
    }

    private static Value Concat(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var result = new ScriptArray(x, array.Items(x));
        x.Step(array.Count(x) / 8);
        foreach (var argument in arguments)
        {
            if (argument.Object is not ScriptArray more)
            {
                result.Add(x, argument);
                continue;
            }
            x.Step(more.Count(x) / 8);
            result.Splice(x, result.Count(x), 0, more.Items(x));
        }
        return Value.Of(result);
    }

    private static Value At(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var index = Coerce.ToInteger(x, arguments.At(0));
        index = index < 0 ? array.Count(x) + index : index;
        return index >= 0 && index < array.Count(x) ? array.At(x, (int)index) : default;
    }

    private static Value Join(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var separator = arguments.At(0).IsUndefined ? "," : Coerce.ToText(x, arguments[0]);
        x.EnterCall(4);
        var count = array.Count(x);
        x.Allocate(count * 8L);
        var parts = new string[count];
        var length = (long)separator.Length * Math.Max(0, count - 1);
        for (var i = 0; i < count; i++)
        {
            x.Step();
            var item = array.At(x, i);
            parts[i] = item.IsNullish || ReferenceEquals(item.Reference, array) ? string.Empty : Coerce.ToText(x, item);
            length += parts[i].Length;
        }
        x.AllocateText(length);
        x.LeaveCall(4);
        return Value.Of(string.Join(separator, parts));
    }

    private static Value Flat(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var result = new ScriptArray(x, 0);
        Flatten(x, Self(x, self), arguments.At(0).IsUndefined ? 1 : Coerce.ToInteger(x, arguments[0]), result);
        return Value.Of(result);
    }

    private static void Flatten(Evaluation x, ScriptArray array, double depth, ScriptArray result)
    {
        x.EnterCall(2);
        for (var i = 0; i < array.Count(x); i++)
        {
            x.Step();
            var item = array.At(x, i);
            if (depth >= 1 && item.Object is ScriptArray inner)
            {
                Flatten(x, inner, depth - 1, result);
            }
            else
            {
                result.Add(x, item);
            }
        }
        x.LeaveCall(2);
    }

    private static Value IndexOf(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        for (var i = Coerce.RelativeIndex(x, arguments.At(1), array.Count(x), 0); i < array.Count(x); i++)
        {
            x.Step();
            if (Comparison.StrictEquals(x, array.At(x, i), arguments.At(0)))
            {
                return Value.Of(i);
            }
        }
        return Value.Of(-1);
    }

    private static Value LastIndexOf(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var last = arguments.Length > 1 ? Coerce.ToInteger(x, arguments[1]) : array.Count(x) - 1;
        last = last < 0 ? array.Count(x) + last : Math.Min(last, array.Count(x) - 1);
        for (var i = (int)Math.Max(last, -1); i >= 0; i--)
        {
            x.Step();
            if (Comparison.StrictEquals(x, array.At(x, i), arguments.At(0)))
            {
                return Value.Of(i);
            }
        }
        return Value.Of(-1);
    }

    private static Value Includes(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        for (var i = Coerce.RelativeIndex(x, arguments.At(1), array.Count(x), 0); i < array.Count(x); i++)
        {
            x.Step();
            if (Comparison.SameValueZero(array.At(x, i), arguments.At(0)))
            {
                return Value.True;
            }
        }
        return Value.False;
    }
}
