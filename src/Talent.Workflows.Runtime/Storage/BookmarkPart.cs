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

    public override string Sql => """
        bookmark_opened as (
            insert into engine.bookmarks (id, instance_id, event_name, correlation_id)
            select b.id, step.id, b.name, @correlation from step, unnest(@opened, @names) b(id, name)),
        bookmark_closed as (
            delete from engine.bookmarks where id = any(@closed) and exists (select from step)),
        bookmark_moved as (
            update engine.bookmarks set correlation_id = @correlation where id = any(@moved) and exists (select from step))
        """;

    public override string BookmarkLookup => "(select instance_id from engine.bookmarks where id = @bookmark)";

    public override void Bind(StepWrite step, StepParameters values)
    {
        var opened = Events(step.OpenedBookmarks);
        values[0] = opened.Count == 0 ? [] : opened.ConvertAll(b => b.Id).ToArray();
        values[1] = opened.Count == 0 ? [] : opened.ConvertAll(b => b.Name ?? "").ToArray();
        values[2] = Ids(step.ClosedBookmarks);
        values[3] = !step.IsStart && step.Before.CorrelationId != step.State.CorrelationId
            ? Ids([.. step.State.Bookmarks.Where(b => !step.OpenedBookmarks.Contains(b))])
            : Array.Empty<Guid>();
        values[4] = step.State.CorrelationId;
    }

    private static Guid[] Ids(IReadOnlyList<Bookmark> bookmarks) => Events(bookmarks) is { Count: > 0 } events ? [.. events.Select(b => b.Id)] : [];

    private static List<Bookmark> Events(IReadOnlyList<Bookmark> bookmarks)
    {
        var events = new List<Bookmark>();
        foreach (var bookmark in bookmarks)
            if (bookmark.Kind == BookmarkKinds.Event)
                events.Add(bookmark);
        return events;
    }
}
