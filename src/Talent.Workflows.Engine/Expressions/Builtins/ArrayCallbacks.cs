using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>The array methods that call a function for each item.</summary>
internal static partial class ArrayFunctions
{
    private static (Value Item, int Index) Search(Evaluation x, Value self, ReadOnlySpan<Value> arguments, string name, bool fromEnd)
    {
        var array = Self(x, self);
        var function = x.Function(arguments.At(0), name);
        var count = array.Count(x);
        for (var step = 0; step < count; step++)
        {
            var i = fromEnd ? count - 1 - step : step;
            var item = array.At(x, i);
            if (Coerce.ToBoolean(x.Call(function, arguments.At(1), [item, Value.Of(i), self])))
            {
                return (item, i);
            }
        }
        return (default, -1);
    }

    private static Value Filter(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var function = x.Function(arguments.At(0), "filter");
        var result = new ScriptArray(x, 0);
        var count = array.Count(x);
        for (var i = 0; i < count && i < array.Count(x); i++)
        {
            var item = array.At(x, i);
            if (Coerce.ToBoolean(x.Call(function, arguments.At(1), [item, Value.Of(i), self])))
            {
                result.Add(x, item);
            }
        }
        return Value.Of(result);
    }

    private static Value Map(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var function = x.Function(arguments.At(0), "map");
        var count = array.Count(x);
        var result = new ScriptArray(x, count);
        for (var i = 0; i < count; i++)
        {
            result.Add(x, x.Call(function, arguments.At(1), [array.At(x, i), Value.Of(i), self]));
        }
        return Value.Of(result);
    }

    private static Value FlatMap(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var result = new ScriptArray(x, 0);
        Flatten(x, (ScriptArray)Map(x, self, arguments).Object!, 1, result);
        return Value.Of(result);
    }

    private static Value ForEach(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var function = x.Function(arguments.At(0), "forEach");
        var count = array.Count(x);
        for (var i = 0; i < count && i < array.Count(x); i++)
        {
            x.Call(function, arguments.At(1), [array.At(x, i), Value.Of(i), self]);
        }
        return default;
    }

    private static Value Some(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var function = x.Function(arguments.At(0), "some");
        var count = array.Count(x);
        for (var i = 0; i < count && i < array.Count(x); i++)
        {
            if (Coerce.ToBoolean(x.Call(function, arguments.At(1), [array.At(x, i), Value.Of(i), self])))
            {
                return Value.True;
            }
        }
        return Value.False;
    }

    private static Value Every(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var array = Self(x, self);
        var function = x.Function(arguments.At(0), "every");
        var count = array.Count(x);
        for (var i = 0; i < count && i < array.Count(x); i++)
        {
            if (!Coerce.ToBoolean(x.Call(function, arguments.At(1), [array.At(x, i), Value.Of(i), self])))
            {
                return Value.False;
            }
        }
        return Value.True;
    }

    private static Value Reduce(Evaluation x, Value self, ReadOnlySpan<Value> arguments, bool fromEnd)
    {
        var array = Self(x, self);
        var function = x.Function(arguments.At(0), "reduce");
        var count = array.Count(x);
        var step = 0;
        Value result;
        if (arguments.Length > 1)
        {
            result = arguments[1];
        }
        else if (count > 0)
        {
            result = array.At(x, fromEnd ? count - 1 : 0);
            step = 1;
        }
        else
        {
            throw x.TypeError("Reduce of empty array with no initial value; give one as the second argument");
        }
        for (; step < count; step++)
        {
            var i = fromEnd ? count - 1 - step : step;
            result = x.Call(function, default, [result, array.At(x, i), Value.Of(i), self]);
        }
        return result;
    }
}
