using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>The array methods that change their array.</summary>
internal static partial class ArrayFunctions
{
    private static ScriptArray Changed(Evaluation x, Value self)
    {
        var array = Self(x, self);
        array.Changing(x, "array");
        return array;
    }

    private static Value Push(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        foreach (var argument in arguments)
        {
            x.Step();
            array.Add(x, argument);
        }
        return Value.Of(array.Count(x));
    }

    private static Value Pop(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        var count = array.Count(x);
        if (count == 0)
        {
            return default;
        }
        var last = array.At(x, count - 1);
        array.Resize(x, count - 1);
        return last;
    }

    private static Value Shift(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        if (array.Count(x) == 0)
        {
            return default;
        }
        var first = array.At(x, 0);
        array.Splice(x, 0, 1, []);
        return first;
    }

    private static Value Unshift(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        array.Splice(x, 0, 0, arguments);
        return Value.Of(array.Count(x));
    }

    private static Value Splice(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        var count = array.Count(x);
        var start = Coerce.RelativeIndex(x, arguments.At(0), count, 0);
        var removed = arguments.Length switch
        {
            0 => 0,
            1 => count - start,
            _ => (int)Math.Clamp(Coerce.ToInteger(x, arguments[1]), 0, count - start),
        };
        // Reading the arguments may have run script code that shortened the array.
        start = Math.Min(start, array.Count(x));
        removed = Math.Min(removed, array.Count(x) - start);
        var result = new ScriptArray(x, array.Items(x).Slice(start, removed));
        array.Splice(x, start, removed, arguments.Length > 2 ? arguments[2..] : []);
        return Value.Of(result);
    }

    private static Value Reverse(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        x.Step(array.Count(x) / 4);
        var items = array.Items(x).ToArray();
        for (var i = 0; i < items.Length; i++)
        {
            array.SetAt(x, i, items[items.Length - 1 - i]);
        }
        return self;
    }

    private static Value Fill(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        var start = Coerce.RelativeIndex(x, arguments.At(1), array.Count(x), 0);
        var end = Coerce.RelativeIndex(x, arguments.At(2), array.Count(x), array.Count(x));
        x.Step(Math.Max(0, end - start) / 4);
        for (var i = start; i < Math.Min(end, array.Count(x)); i++)
        {
            array.SetAt(x, i, arguments.At(0));
        }
        return self;
    }

    private static Value Sort(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Changed(x, self);
        var function = arguments.At(0).IsUndefined ? null : x.Function(arguments[0], "sort");
        x.Allocate(array.Count(x) * 48L);
        x.Step(array.Count(x));
        var items = new List<(Value Item, string? Text)>();
        var undefined = 0;
        foreach (var item in array.Items(x).ToArray())
        {
            if (item.IsUndefined)
            {
                undefined++;
            }
            else
            {
                items.Add((item, function is null ? Coerce.ToText(x, item) : null));
            }
        }
        var sorted = items.ToArray();
        MergeSort(x, sorted, new (Value, string?)[sorted.Length], 0, sorted.Length, function);
        for (var i = 0; i < sorted.Length + undefined; i++)
        {
            array.SetAt(x, i, i < sorted.Length ? sorted[i].Item : default);
        }
        return self;
    }

    /// <summary>Stable, and safe with a comparer that contradicts itself.</summary>
    private static void MergeSort(Evaluation x, (Value Item, string? Text)[] items, (Value Item, string? Text)[] buffer, int start, int end, ScriptFunction? function)
    {
        if (end - start < 2)
        {
            return;
        }
        var middle = (start + end) / 2;
        MergeSort(x, items, buffer, start, middle, function);
        MergeSort(x, items, buffer, middle, end, function);
        var (left, right) = (start, middle);
        for (var i = start; i < end; i++)
        {
            var takeLeft = left < middle && (right >= end || Compare(x, items[left], items[right], function) <= 0);
            buffer[i] = items[takeLeft ? left++ : right++];
        }
        Array.Copy(buffer, start, items, start, end - start);
    }

    private static double Compare(Evaluation x, (Value Item, string? Text) a, (Value Item, string? Text) b, ScriptFunction? function)
    {
        if (function is not null)
        {
            return Coerce.ToNumber(x, x.Call(function, default, [a.Item, b.Item])) is var order && double.IsNaN(order) ? 0 : order;
        }
        x.Step(1 + (Math.Min(a.Text!.Length, b.Text!.Length) / 16));
        return string.CompareOrdinal(a.Text, b.Text);
    }
}
