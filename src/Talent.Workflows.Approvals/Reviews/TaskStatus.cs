namespace Talent.Workflows.Approvals.Reviews;

/// <summary>A task's status as the row keeps it, and its words.</summary>
public static class TaskStatusCodes
{
    public const short Open = 0;
    public const short Claimed = 1;
    public const short Done = 2;
    public const short Cancelled = 3;
    public const short Lapsed = 4;

    public static short Of(TaskEnd end) => end switch
    {
        TaskEnd.Done => Done,
        TaskEnd.Cancelled => Cancelled,
        _ => Lapsed,
    };

    public static string Word(short code) => code switch
    {
        Open => "open",
        Claimed => "claimed",
        Done => "done",
        Cancelled => "cancelled",
        _ => "lapsed",
    };

    public static string Zh(short code) => code switch
    {
        Open => "待办",
        Claimed => "已领取",
        Done => "已办",
        Cancelled => "已取消",
        _ => "逾期未办",
    };
}
