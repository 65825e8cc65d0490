namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>Walking over what for-of, spread and destructuring take: arrays, texts by character, maps and sets.</summary>
internal static class Iteration
{
    public static IEnumerable<Value> Of(Evaluation x, Value source)
    {
        if (source.Object is ScriptArray array)
        {
            return OverArray(x, array);
        }
        if (source.IsString)
        {
            return OverText(x, source.Text);
        }
        if (source.Object is ScriptCollection collection)
        {
            return OverCollection(x, collection);
        }
        throw x.TypeError($"{Coerce.Describe(source)} is not iterable; use an array, a text, a Map, a Set or Object.entries(object)");
    }

    /// <summary>Copies own properties, as spread and Object.assign do.</summary>
    public static void CopyProperties(Evaluation x, Value source, ScriptObject target, ICollection<string>? except)
    {
        if (source.IsString)
        {
            var at = 0;
            foreach (var c in source.Text)
            {
                x.Step();
                target.Set(x, NumberText.Format(at++), Value.Of(c.ToString()));
            }
            return;
        }
        if (source.Object is not { } obj)
        {
            return;
        }
        foreach (var key in obj.Keys(x))
        {
            x.Step();
            if (except is null || !except.Contains(key))
            {
                target.Set(x, key, obj.Get(x, key));
            }
        }
    }

    private static IEnumerable<Value> OverArray(Evaluation x, ScriptArray array)
    {
        for (var i = 0; i < array.Count(x); i++)
        {
            x.Step();
            yield return array.At(x, i);
        }
    }

    private static IEnumerable<Value> OverText(Evaluation x, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            x.Step();
            x.Allocate(32);
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                yield return Value.Of(text.Substring(i++, 2));
            }
            else
            {
                yield return Value.Of(text[i].ToString());
            }
        }
    }

    private static IEnumerable<Value> OverCollection(Evaluation x, ScriptCollection collection)
    {
        for (var i = 0; i < collection.Places; i++)
        {
            x.Step();
            var (key, value, live) = collection.At(i);
            if (live)
            {
                yield return collection.IsMap ? Value.Of(new ScriptArray(x, [key, value])) : key;
            }
        }
    }
}
