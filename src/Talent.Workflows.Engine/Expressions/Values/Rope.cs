namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>A long concatenation that is joined when its text is first needed, so that appending in a loop stays linear.</summary>
internal sealed class Rope(Evaluation execution, object left, object right, int length)
{
    private object? _left = left;
    private object? _right = right;
    private string? _flat;

    public int Length { get; } = length;

    public string Flatten()
    {
        if (_flat is not null)
        {
            return _flat;
        }
        execution.Allocate(Length * 2L);
        execution.Step(Length / 16);
        _flat = string.Create(Length, this, static (buffer, rope) => rope.Fill(buffer));
        _left = null;
        _right = null;
        return _flat;
    }

    /// <summary>Fills from the right with a stack of its own: a rope may be far deeper than the thread's stack.</summary>
    private void Fill(Span<char> buffer)
    {
        var pending = new Stack<object>();
        pending.Push(this);
        var end = buffer.Length;
        while (pending.TryPop(out var part))
        {
            var text = part as string ?? ((Rope)part)._flat;
            if (text is not null)
            {
                end -= text.Length;
                text.CopyTo(buffer[end..]);
                continue;
            }
            var rope = (Rope)part;
            pending.Push(rope._left!);
            pending.Push(rope._right!);
        }
    }
}
