namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>A Date: milliseconds since 1970-01-01T00:00Z, NaN when invalid.</summary>
internal sealed class ScriptDate(double time) : ScriptObject
{
    public double Time { get; set; } = time;

    public override string ClassName => "Date";

    protected override NativeTable Methods => Builtins.DateFunctions.Methods;
}
