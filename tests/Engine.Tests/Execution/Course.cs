namespace Talent.Workflows.Engine.Tests.Execution;

/// <summary>How far a <see cref="StructuredProcess"/> has come, by the meaning of its parts alone.</summary>
internal sealed class Course
{
    private readonly StructuredProcess process;
    private readonly List<Course> inner = [];
    private int begun;

    public Course(StructuredProcess process)
    {
        this.process = process;
        IsDone = process is StructuredProcess.Line;
        if (process is StructuredProcess.Parallel parallel)
            inner.AddRange(parallel.Branches.Select(b => new Course(b)));
        Settle();
    }

    public bool IsDone { get; private set; }

    /// <summary>Of a leaf.</summary>
    public string Id => ((StructuredProcess.Leaf)process).Id;

    /// <summary>The leaves that are open. One that a loop opens again is another.</summary>
    public IEnumerable<Course> Open => IsDone ? [] : process is StructuredProcess.Leaf ? [this] : inner.SelectMany(i => i.Open);

    /// <summary>A leaf has got what it waited for; nothing happens when it isn't open any more.</summary>
    public void Tell(Course leaf)
    {
        if (IsDone)
            return;
        if (process is StructuredProcess.Leaf)
            IsDone = this == leaf;
        foreach (var course in inner.ToList())
            course.Tell(leaf);
        Settle();
    }

    private void Settle()
    {
        while (!IsDone && inner.TrueForAll(i => i.IsDone) && Next() is { } next)
            inner.Add(new Course(next));
        IsDone |= process switch
        {
            StructuredProcess.Leaf => false,
            StructuredProcess.Parallel { FirstWins: true } => inner.Exists(i => i.IsDone),
            _ => inner.TrueForAll(i => i.IsDone),
        };
    }

    private StructuredProcess? Next() => process switch
    {
        StructuredProcess.Series series when begun < series.Parts.Count => series.Parts[begun++],
        StructuredProcess.Loop loop when begun++ < loop.Times => loop.Body,
        StructuredProcess.Decision decision when begun++ == 0 => decision.Answer ? decision.Yes : decision.No,
        _ => null,
    };
}
