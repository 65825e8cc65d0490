using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Who may object to a notice, as its stage says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ObjectorRule>))]
public enum ObjectorRule
{
    /// <summary>Anyone who can be reached; the name may be left out.</summary>
    [JsonStringEnumMemberName("reachable")]
    Reachable,

    /// <summary>实名: a name and a way to reach them.</summary>
    [JsonStringEnumMemberName("named")]
    Named,

    /// <summary>Anyone, 匿名 too: whoever leaves no contact finds the answer by the receipt.</summary>
    [JsonStringEnumMemberName("any")]
    Any,
}
