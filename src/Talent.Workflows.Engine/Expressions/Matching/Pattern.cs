namespace Talent.Workflows.Engine.Expressions.Matching;

/// <summary>A regular expression can't be compiled; the message says why.</summary>
internal sealed class PatternException(string message) : Exception(message);

internal enum OpCode : byte
{
    Take,
    Any,
    AnyButLineEnd,
    Split,
    Jump,
    Save,
    Clear,
    Start,
    End,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
    Look,
    NotLook,
    Match,
}

/// <summary>One instruction. Split tries A before B; Save stores the position in place A; Clear forgets the places A to B; Look runs from A, then goes on at B.</summary>
internal readonly record struct Instruction(OpCode Code, int A, int B, CharacterSet? Set);

/// <summary>A compiled regular expression of ECMAScript. Immutable and shared.</summary>
/// <remarks>
/// It is run by <see cref="Matcher"/>, in time proportional to pattern times text, each step charged. The platform's engine can do neither,
/// and differs from ECMAScript where it hurts here: its word boundaries and \w take Chinese characters for word characters.
/// </remarks>
internal sealed class Pattern
{
    private Pattern(string source, string flags, Instruction[] program, int groups, (string Name, int Group)[] names)
    {
        Source = source;
        Flags = flags;
        Program = program;
        Groups = groups;
        Names = names;
    }

    public string Source { get; }

    public string Flags { get; }

    public Instruction[] Program { get; }

    /// <summary>Number of groups with the whole match.</summary>
    public int Groups { get; }

    public (string Name, int Group)[] Names { get; }

    public bool Global => Flags.Contains('g', StringComparison.Ordinal);

    public bool IgnoreCase => Flags.Contains('i', StringComparison.Ordinal);

    public bool Multiline => Flags.Contains('m', StringComparison.Ordinal);

    public bool DotAll => Flags.Contains('s', StringComparison.Ordinal);

    public bool Unicode => Flags.Contains('u', StringComparison.Ordinal);

    public bool Sticky => Flags.Contains('y', StringComparison.Ordinal);

    /// <exception cref="PatternException">The pattern or a flag is wrong, or needs backtracking.</exception>
    public static Pattern Compile(string source, string flags)
    {
        foreach (var flag in flags)
        {
            if (!"gimsuy".Contains(flag, StringComparison.Ordinal) || flags.IndexOf(flag, StringComparison.Ordinal) != flags.LastIndexOf(flag))
            {
                throw new PatternException($"flag '{flag}' is unknown or twice; use g, i, m, s, u, y");
            }
        }
        var reader = new PatternReader(source, flags);
        var root = reader.Read();
        var program = new PatternCompiler(flags.Contains('m', StringComparison.Ordinal), flags.Contains('s', StringComparison.Ordinal)).Compile(root);
        return new Pattern(source.Length == 0 ? "(?:)" : source, string.Concat(flags.Order()), program, reader.Groups, [.. reader.Names]);
    }
}
