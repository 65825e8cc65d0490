namespace Talent.Workflows.Engine.Expressions.Values;

internal sealed class ScriptError(string name, Value message) : ScriptObject
{
    private Value _name = Value.Of(name);
    private Value _message = message;

    public override string ClassName => "Error";

    protected override NativeTable Methods => Builtins.ErrorFunctions.Methods;

    public string Kind { get; } = name;

    public string Describe(Evaluation x)
    {
        var name = Coerce.ToText(x, _name);
        var message = Coerce.ToText(x, _message);
        return name.Length == 0 ? message : message.Length == 0 ? name : $"{name}: {message}";
    }

    public override bool TryGetOwn(Evaluation x, string key, out Value value)
    {
        switch (key)
        {
            case "name":
                value = _name;
                return true;
            case "message":
                value = _message;
                return true;
            case "stack":
                value = Value.Of(Describe(x));
                return true;
            default:
                return base.TryGetOwn(x, key, out value);
        }
    }

    public override void Set(Evaluation x, string key, Value value)
    {
        switch (key)
        {
            case "name":
                Changing(x, key);
                _name = value;
                break;
            case "message":
                Changing(x, key);
                _message = value;
                break;
            default:
                base.Set(x, key, value);
                break;
        }
    }
}
