using System.Globalization;
using System.Text;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>JSON.stringify with its replacer and indent.</summary>
internal sealed class JsonWriter
{
    private readonly Evaluation _x;
    private readonly ScriptFunction? _replacer;
    private readonly List<string>? _allowed;
    private readonly string _indent;
    private readonly StringBuilder _text = new();
    private readonly Stack<ScriptObject> _open = new();

    public JsonWriter(Evaluation x, Value replacer, Value indent)
    {
        _x = x;
        _replacer = replacer.Object as ScriptFunction;
        if (replacer.Object is ScriptArray names)
        {
            _allowed = [];
            foreach (var name in Iteration.Of(x, Value.Of(names)))
            {
                _allowed.Add(Coerce.ToText(x, name));
            }
        }
        _indent = indent.IsNumber ? new string(' ', (int)Math.Clamp(Coerce.ToInteger(x, indent), 0, 10))
            : indent.IsString ? indent.Text[..Math.Min(10, indent.TextLength)] : string.Empty;
    }

    public Value Write(Value value)
    {
        if (!TryPrepare(default, string.Empty, ref value))
        {
            return default;
        }
        WriteValue(value);
        return Value.Of(_text.ToString());
    }

    /// <summary>Applies toJSON and the replacer; false when the value is left out.</summary>
    private bool TryPrepare(Value holder, string key, ref Value value)
    {
        _x.Step();
        if (value.Object is { } obj && obj.Get(_x, "toJSON").Object is ScriptFunction toJson)
        {
            value = _x.Call(toJson, value, [Value.Of(key)]);
        }
        if (_replacer is not null)
        {
            value = _x.Call(_replacer, holder, [Value.Of(key), value]);
        }
        return !value.IsUndefined && value.Object is not ScriptFunction;
    }

    private void Append(string text)
    {
        _x.AllocateText(text.Length);
        _text.Append(text);
    }

    private void WriteValue(Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.String:
                WriteString(value.Text);
                break;
            case ValueKind.Number:
                Append(double.IsFinite(value.Number) ? NumberText.Format(value.Number) : "null");
                break;
            case ValueKind.Boolean:
                Append(value.Truth ? "true" : "false");
                break;
            case ValueKind.Object:
                WriteObject(value.Object!);
                break;
            default:
                Append("null");
                break;
        }
    }

    private void WriteObject(ScriptObject obj)
    {
        _x.Step(_open.Count / 4);
        if (_open.Contains(obj))
        {
            throw _x.TypeError("Converting circular structure to JSON; leave the reference back out");
        }
        _x.EnterCall(4);
        _open.Push(obj);
        var first = true;
        if (obj is ScriptArray array)
        {
            Append("[");
            for (var i = 0; i < array.Count(_x); i++)
            {
                var item = array.At(_x, i);
                Separate(ref first);
                WriteValue(TryPrepare(Value.Of(obj), NumberText.Format(i), ref item) ? item : Value.Null);
            }
            Close(first, "]");
        }
        else
        {
            Append("{");
            foreach (var key in _allowed ?? obj.Keys(_x))
            {
                var member = obj is ScriptCollection or ScriptRegExp or ScriptError && !obj.Keys(_x).Contains(key) ? default
                    : _allowed is not null && !obj.TryGetOwn(_x, key, out _) ? default : obj.Get(_x, key);
                if (TryPrepare(Value.Of(obj), key, ref member))
                {
                    Separate(ref first);
                    WriteString(key);
                    Append(_indent.Length == 0 ? ":" : ": ");
                    WriteValue(member);
                }
            }
            Close(first, "}");
        }
        _open.Pop();
        _x.LeaveCall(4);
    }

    private void Separate(ref bool first)
    {
        if (!first)
        {
            Append(",");
        }
        first = false;
        NewLine();
    }

    private void Close(bool empty, string bracket)
    {
        if (!empty)
        {
            _open.TryPop(out var inner);
            NewLine();
            _open.Push(inner!);
        }
        Append(bracket);
    }

    private void NewLine()
    {
        if (_indent.Length > 0)
        {
            _x.AllocateText(_indent.Length * _open.Count);
            _text.Append('\n').Insert(_text.Length, _indent, _open.Count);
        }
    }

    private void WriteString(string text)
    {
        _x.AllocateText(text.Length + 2);
        _text.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"': _text.Append("\\\""); break;
                case '\\': _text.Append("\\\\"); break;
                case '\b': _text.Append("\\b"); break;
                case '\f': _text.Append("\\f"); break;
                case '\n': _text.Append("\\n"); break;
                case '\r': _text.Append("\\r"); break;
                case '\t': _text.Append("\\t"); break;
                default:
                    if (c < ' ' || (char.IsSurrogate(c) && !IsPaired(text, i)))
                    {
                        _x.Allocate(12);
                        _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    }
                    else
                    {
                        _text.Append(c);
                    }
                    break;
            }
        }
        _text.Append('"');
    }

    private static bool IsPaired(string text, int at) => char.IsHighSurrogate(text[at])
        ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
        : at > 0 && char.IsHighSurrogate(text[at - 1]);
}
