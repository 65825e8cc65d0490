using Talent.Workflows.Engine.Expressions.Matching;

namespace Talent.Workflows.Engine.Expressions.Values;

internal sealed class ScriptRegExp(Pattern pattern) : ScriptObject
{
    public Pattern Pattern { get; } = pattern;

    public double LastIndex { get; set; }

    public override string ClassName => "RegExp";

    protected override NativeTable Methods => Builtins.RegExpFunctions.Methods;

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        Value? found = key switch
        {
            "lastIndex" => Value.Of(LastIndex),
            "source" => Value.Of(Pattern.Source),
            "flags" => Value.Of(Pattern.Flags),
            "global" => Value.Of(Pattern.Global),
            "ignoreCase" => Value.Of(Pattern.IgnoreCase),
            "multiline" => Value.Of(Pattern.Multiline),
            "dotAll" => Value.Of(Pattern.DotAll),
            "unicode" => Value.Of(Pattern.Unicode),
            "sticky" => Value.Of(Pattern.Sticky),
            _ => null,
        };
        if (found is { } known)
        {
            value = known;
            return true;
        }
        return base.TryGetOwn(x, key, out value);
    }

    public override void Set(Evaluation x, string key, Value value)
    {
        if (key == "lastIndex")
        {
            LastIndex = Coerce.ToInteger(x, value);
            return;
        }
        base.Set(x, key, value);
    }
}
