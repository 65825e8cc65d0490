namespace Talent.Workflows.Engine.Expressions.Matching;

/// <summary>Makes instructions of the tree of a regular expression.</summary>
internal sealed class PatternCompiler(bool multiline, bool dotAll)
{
    private const int MaxInstructions = 5000;

    private readonly List<Instruction> _code = [];

    public Instruction[] Compile(PatternNode root)
    {
        Emit(OpCode.Save, 0);
        Write(root);
        Emit(OpCode.Save, 1);
        Emit(OpCode.Match);
        return [.. _code];
    }

    private int Emit(OpCode code, int a = 0, int b = 0, CharacterSet? set = null)
    {
        if (_code.Count >= MaxInstructions)
        {
            throw new PatternException("the pattern is too large; repeat smaller parts");
        }
        _code.Add(new Instruction(code, a, b, set));
        return _code.Count - 1;
    }

    private void Write(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Take take:
                Emit(OpCode.Take, set: take.Set);
                break;
            case PatternNode.Dot:
                Emit(dotAll ? OpCode.Any : OpCode.AnyButLineEnd);
                break;
            case PatternNode.Assert assert:
                Emit(multiline ? assert.Code switch { OpCode.Start => OpCode.LineStart, OpCode.End => OpCode.LineEnd, var other => other } : assert.Code);
                break;
            case PatternNode.Sequence sequence:
                Array.ForEach(sequence.Items, Write);
                break;
            case PatternNode.Choice choice:
                WriteChoice(choice.Items);
                break;
            case PatternNode.Group group:
                Emit(OpCode.Save, group.Number * 2);
                Write(group.Inner);
                Emit(OpCode.Save, (group.Number * 2) + 1);
                break;
            case PatternNode.Repeat repeat:
                WriteRepeat(repeat);
                break;
            case PatternNode.Look look:
                var at = Emit(look.Negated ? OpCode.NotLook : OpCode.Look, _code.Count + 1);
                Write(look.Inner);
                Emit(OpCode.Match);
                _code[at] = _code[at] with { B = _code.Count };
                break;
        }
    }

    private void WriteChoice(PatternNode[] items)
    {
        var ends = new List<int>();
        for (var i = 0; i < items.Length - 1; i++)
        {
            var split = Emit(OpCode.Split, _code.Count + 1);
            Write(items[i]);
            ends.Add(Emit(OpCode.Jump));
            _code[split] = _code[split] with { B = _code.Count };
        }
        Write(items[^1]);
        foreach (var end in ends)
        {
            _code[end] = _code[end] with { A = _code.Count };
        }
    }

    private void WriteRepeat(PatternNode.Repeat repeat)
    {
        for (var i = 0; i < repeat.Min; i++)
        {
            WriteRound(repeat);
        }
        if (repeat.Max < 0)
        {
            var loop = Emit(OpCode.Split);
            WriteRound(repeat);
            Emit(OpCode.Jump, loop);
            _code[loop] = Fork(loop, repeat.Lazy);
            return;
        }
        var splits = new List<int>();
        for (var i = repeat.Min; i < repeat.Max; i++)
        {
            splits.Add(Emit(OpCode.Split));
            WriteRound(repeat);
        }
        foreach (var split in splits)
        {
            _code[split] = Fork(split, repeat.Lazy);
        }
    }

    private Instruction Fork(int at, bool lazy) => lazy
        ? new Instruction(OpCode.Split, _code.Count, at + 1, null)
        : new Instruction(OpCode.Split, at + 1, _code.Count, null);

    private void WriteRound(PatternNode.Repeat repeat)
    {
        if (repeat.EndGroup > repeat.FirstGroup)
        {
            Emit(OpCode.Clear, repeat.FirstGroup * 2, repeat.EndGroup * 2);
        }
        Write(repeat.Inner);
    }
}
