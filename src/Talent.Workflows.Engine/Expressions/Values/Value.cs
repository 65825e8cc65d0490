using System.Runtime.CompilerServices;

namespace Talent.Workflows.Engine.Expressions.Values;

internal enum ValueKind : byte
{
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Object,
    Uninitialized,
}

/// <summary>Marks what a value without an object is; compared by reference.</summary>
internal sealed class Tag(ValueKind kind)
{
    public static readonly Tag Null = new(ValueKind.Null);
    public static readonly Tag Boolean = new(ValueKind.Boolean);
    public static readonly Tag Number = new(ValueKind.Number);
    public static readonly Tag Uninitialized = new(ValueKind.Uninitialized);

    public readonly ValueKind Kind = kind;
}

/// <summary>A script value in 16 bytes: a reference that is the string, the object or a tag, and a number. The default is undefined.</summary>
internal readonly struct Value
{
    private readonly object? _reference;
    private readonly double _number;

    private Value(object? reference, double number)
    {
        _reference = reference;
        _number = number;
    }

    public static Value Undefined => default;

    public static Value Null => new(Tag.Null, 0);

    public static Value True => new(Tag.Boolean, 1);

    public static Value False => new(Tag.Boolean, 0);

    public static Value NaN => new(Tag.Number, double.NaN);

    public static Value Empty => new(string.Empty, 0);

    /// <summary>A let or const before its declaration ran.</summary>
    public static Value Uninitialized => new(Tag.Uninitialized, 0);

    public static Value Of(double number) => new(Tag.Number, number);

    public static Value Of(bool truth) => new(Tag.Boolean, truth ? 1 : 0);

    public static Value Of(string text) => new(text, 0);

    public static Value Of(Rope text) => new(text, 0);

    public static Value Of(ScriptObject obj) => new(obj, 0);

    public static Value Of(Cell cell) => new(cell, 0);

    public object? Reference => _reference;

    public double Number => _number;

    public bool Truth => _number != 0;

    public bool IsUndefined => _reference is null;

    public bool IsNull => ReferenceEquals(_reference, Tag.Null);

    public bool IsNullish => _reference is null || ReferenceEquals(_reference, Tag.Null);

    public bool IsNumber => ReferenceEquals(_reference, Tag.Number);

    public bool IsBoolean => ReferenceEquals(_reference, Tag.Boolean);

    public bool IsUninitialized => ReferenceEquals(_reference, Tag.Uninitialized);

    public bool IsString => _reference is string or Rope;

    public bool IsObject => _reference is ScriptObject;

    /// <summary>The text of a string value.</summary>
    public string Text => _reference as string ?? Unsafe.As<Rope>(_reference!).Flatten();

    public int TextLength => _reference is string s ? s.Length : Unsafe.As<Rope>(_reference!).Length;

    public ScriptObject? Object => _reference as ScriptObject;

    public Cell Cell => Unsafe.As<Cell>(_reference!);

    public ValueKind Kind => _reference switch
    {
        null => ValueKind.Undefined,
        Tag tag => tag.Kind,
        string or Rope => ValueKind.String,
        _ => ValueKind.Object,
    };
}

/// <summary>A variable that a closure shares with the scope that declared it.</summary>
internal sealed class Cell(Value value)
{
    public Value Value = value;
}
