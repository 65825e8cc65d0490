using System.Collections.Immutable;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>One year's working days as published: what differs from "Monday to Friday".</summary>
/// <remarks>Source: the State Council's yearly notice on public holidays (国务院办公厅关于…年部分节假日安排的通知), R-REV-4.</remarks>
public sealed record CalendarYear
{
    public required int Year { get; init; }

    public required CalendarStatus Status { get; init; }

    public CalendarSource? Source { get; init; }

    /// <summary>Days off, both ends included. May reach into the years beside <see cref="Year"/> (31 Dec 2022 belongs to 2023's notice).</summary>
    public required ImmutableArray<DaysOff> DaysOff { get; init; }

    /// <summary>Weekend days that are worked (调休).</summary>
    public required ImmutableArray<MakeUpWorkday> MakeUpWorkdays { get; init; }
}

public enum CalendarStatus
{
    /// <summary>正式: the year's notice is out.</summary>
    Official,

    /// <summary>暂定: weekends and statutory dates only; every date that depends on it may still move.</summary>
    Provisional,
}

public sealed record CalendarSource(string? Title, string? Number, string? Url);

public sealed record DaysOff(string Name, DateOnly From, DateOnly To);

public sealed record MakeUpWorkday(string Name, DateOnly Date);

/// <summary>Days that one region works otherwise than the country, by its GB/T 2260 code; they win over the years.</summary>
public sealed record CalendarRegion
{
    public required string Region { get; init; }

    public required ImmutableArray<DaysOff> DaysOff { get; init; }

    public required ImmutableArray<MakeUpWorkday> MakeUpWorkdays { get; init; }
}
