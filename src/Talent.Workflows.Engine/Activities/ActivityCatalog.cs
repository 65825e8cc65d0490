namespace Talent.Workflows.Engine.Activities;

/// <summary>All activity types that this server has. Explicit lines, no scanning.</summary>
public sealed class ActivityCatalog
{
    private readonly Dictionary<string, Activity> byType = new(StringComparer.Ordinal);

    public ActivityCatalog(IEnumerable<Activity> activities)
    {
        foreach (var activity in activities)
            if (!byType.TryAdd(activity.Descriptor.Type, activity))
                throw new InvalidOperationException($"The activity type {activity.Descriptor.Type} is in the catalogue twice.");
    }

    public IEnumerable<Activity> All => byType.Values;

    public Activity? Find(string type) => byType.GetValueOrDefault(type);
}
