namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>The master key is missing, can't be used, or isn't the one that this database's keys are wrapped with. The message says what to do; it never holds the key.</summary>
/// <param name="setting">The setting to mend, such as <c>Talent:MasterKey</c>.</param>
public sealed class MasterKeyException(string setting, string zh, string en, Exception? cause = null) : Exception($"{setting}: {en}", cause)
{
    public string Setting { get; } = setting;
    public string Zh { get; } = zh;
    public string En { get; } = en;
}
