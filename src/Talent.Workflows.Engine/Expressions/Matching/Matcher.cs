using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Matching;

/// <summary>
/// Follows all ways through a pattern at once, character by character, in the order a backtracking engine would try them:
/// the same match, without ever trying a place twice.
/// </summary>
internal sealed class Matcher(Evaluation x, Pattern pattern, string text)
{
    private readonly Instruction[] _program = pattern.Program;
    private readonly bool _unicode = pattern.Unicode;
    private readonly Stack<(int At, int[] Places)> _pending = new();

    /// <summary>Ways that wait at an instruction that takes a character, best first.</summary>
    private sealed class Ways(int size)
    {
        private readonly int[] _seenAt = new int[size];
        private int _round;

        public List<(int At, int[] Places)> Items { get; } = [];

        public void Clear()
        {
            Items.Clear();
            _round++;
        }

        public bool Visit(int at)
        {
            if (_seenAt[at] == _round)
            {
                return false;
            }
            _seenAt[at] = _round;
            return true;
        }
    }

    /// <summary>Start and end of the groups, -1 where a group took no part; null when nothing matches.</summary>
    public static int[]? Find(Evaluation x, Pattern pattern, string text, int start, bool sticky)
    {
        if (start > text.Length)
        {
            return null;
        }
        x.Allocate(64 + (pattern.Program.Length * 8));
        x.Step(4 + (pattern.Program.Length / 16));
        return new Matcher(x, pattern, text).Run(0, start, sticky, NoPlaces(pattern));
    }

    private int[]? Run(int entry, int start, bool anchored, int[] initial)
    {
        var current = new Ways(_program.Length);
        var next = new Ways(_program.Length);
        int[]? found = null;
        current.Clear();
        for (var at = start; ;)
        {
            if (found is null && (at == start || !anchored))
            {
                Follow(current, entry, at, initial, ref found);
            }
            if (current.Items.Count == 0 && (found is not null || anchored))
            {
                return found;
            }
            if (at >= text.Length)
            {
                return found;
            }
            var c = CharacterAt(at, out var width);
            x.Step(1 + (current.Items.Count / 2));
            next.Clear();
            int[]? better = null;
            foreach (var (instruction, places) in current.Items)
            {
                if (Takes(_program[instruction], c))
                {
                    Follow(next, instruction + 1, at + width, places, ref better);
                    if (better is not null)
                    {
                        break;
                    }
                }
            }
            found = better ?? found;
            (current, next) = (next, current);
            at += width;
        }
    }

    private static int[] NoPlaces(Pattern pattern)
    {
        var places = new int[pattern.Groups * 2];
        Array.Fill(places, -1);
        return places;
    }

    /// <summary>Goes on from an instruction without taking a character, up to those that take one. Stops at a match: what comes after is worse.</summary>
    private void Follow(Ways ways, int instruction, int at, int[] places, ref int[]? found)
    {
        var pending = _pending;
        pending.Clear();
        pending.Push((instruction, places));
        while (pending.TryPop(out var way))
        {
            x.Step();
            if (!ways.Visit(way.At))
            {
                continue;
            }
            var code = _program[way.At];
            switch (code.Code)
            {
                case OpCode.Match:
                    found = way.Places;
                    return;
                case OpCode.Jump:
                    pending.Push((code.A, way.Places));
                    break;
                case OpCode.Split:
                    pending.Push((code.B, way.Places));
                    pending.Push((code.A, way.Places));
                    break;
                case OpCode.Save:
                    var saved = Copy(way.Places);
                    saved[code.A] = at;
                    pending.Push((way.At + 1, saved));
                    break;
                case OpCode.Clear:
                    var cleared = Copy(way.Places);
                    cleared.AsSpan(code.A, code.B - code.A).Fill(-1);
                    pending.Push((way.At + 1, cleared));
                    break;
                case OpCode.Look or OpCode.NotLook:
                    x.EnterCall(4);
                    var ahead = new Matcher(x, pattern, text).Run(code.A, at, true, way.Places);
                    x.LeaveCall(4);
                    if (ahead is not null == (code.Code == OpCode.Look))
                    {
                        pending.Push((code.B, code.Code == OpCode.Look ? ahead! : way.Places));
                    }
                    break;
                case OpCode.Take or OpCode.Any or OpCode.AnyButLineEnd:
                    ways.Items.Add((way.At, way.Places));
                    break;
                default:
                    if (Holds(code.Code, at))
                    {
                        pending.Push((way.At + 1, way.Places));
                    }
                    break;
            }
        }
    }

    private int[] Copy(int[] places)
    {
        x.Step(places.Length / 16);
        return (int[])places.Clone();
    }

    private int CharacterAt(int at, out int width)
    {
        var c = text[at];
        width = _unicode && char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        return width == 2 ? char.ConvertToUtf32(c, text[at + 1]) : c;
    }

    private static bool Takes(Instruction code, int c) => code.Code switch
    {
        OpCode.Take => code.Set!.Contains(c),
        OpCode.Any => true,
        _ => !IsLineEnd(c),
    };

    private static bool IsLineEnd(int c) => c is '\n' or '\r' or 0x2028 or 0x2029;

    private bool Holds(OpCode code, int at) => code switch
    {
        OpCode.Start => at == 0,
        OpCode.End => at == text.Length,
        OpCode.LineStart => at == 0 || IsLineEnd(text[at - 1]),
        OpCode.LineEnd => at == text.Length || IsLineEnd(text[at]),
        _ => (IsWord(at - 1) != IsWord(at)) == (code == OpCode.WordBoundary),
    };

    private bool IsWord(int at) => at >= 0 && at < text.Length && CharacterSet.IsWord(text[at]);
}
