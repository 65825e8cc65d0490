using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>Waits for events: the only ones that have to be found by name.</summary>
internal sealed class BookmarkPart : StepPart
{
    public override string Name => "bookmark";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("opened", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("names", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("closed", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("moved", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("correlation", NpgsqlDbType.Text),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            bookmark_opened as (
                insert into engine.bookmarks (id, instance_id, event_name, correlation_id)
                select b.id, step.id, b.name, @correlation from step, unnest(@opened, @names) b(id, name))
            """),
        new("bookmark_closed as (delete from engine.bookmarks where id = any(@closed) and exists (select from step))"),
        new("bookmark_moved as (update engine.bookmarks set correlation_id = @correlation where id = any(@moved) and exists (select from step))"),
    ];

    public override string BookmarkLookup => "(select instance_id from engine.bookmarks where id = @bookmark)";

    public override void Bind(StepWrite step, StepParameters values)
    {
        var opened = Events(step.OpenedBookmarks);
        if (opened is null)
        {
            values.Skip(0);
        }
        else
        {
            values["opened"] = opened.ConvertAll(b => b.Id).ToArray();
            values["names"] = opened.ConvertAll(b => b.Kind == BookmarkKinds.Event ? b.Name ?? "" : NoEvent).ToArray();
        }
        BindIds(values, 1, "closed", Events(step.ClosedBookmarks));
        BindIds(values, 2, "moved", !step.IsStart && step.Before.CorrelationId != step.State.CorrelationId
            ? Events([.. step.State.Bookmarks.Where(b => !step.OpenedBookmarks.Contains(b))])
            : null);
        values["correlation"] = step.State.CorrelationId;
    }

    // Work is found by its id alone: no event resumes it, whatever its name.
    private const string NoEvent = "";

    private static void BindIds(StepParameters values, int section, string ids, List<Bookmark>? bookmarks)
    {
        values.SkipUnless(bookmarks is not null, section);
        values[ids] = bookmarks?.ConvertAll(b => b.Id).ToArray();
    }

    private static List<Bookmark>? Events(IReadOnlyList<Bookmark> bookmarks)
    {
        List<Bookmark>? events = null;
        for (var i = 0; i < bookmarks.Count; i++)
            if (bookmarks[i].Kind is BookmarkKinds.Event or BookmarkKinds.Work)
                (events ??= []).Add(bookmarks[i]);
        return events;
    }
}
