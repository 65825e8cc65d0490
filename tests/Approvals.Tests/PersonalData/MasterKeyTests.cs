using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Tests.PersonalData;

public sealed class MasterKeyTests
{
    [Theory]
    [InlineData(null, "isn't set")]
    [InlineData("", "isn't set")]
    [InlineData("password", "32 random bytes")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "32 random bytes")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g", "32 random bytes")]
    public void Key_WhenMissingOrWeakInProduction_ThenTheSettingIsNamedAndNothingOfIt_R_AUD_2(string? given, string says)
    {
        var refusal = Assert.Throws<MasterKeyException>(() => Vault.Master(given).Id);

        Assert.Equal("Talent:MasterKey", refusal.Setting);
        Assert.Contains(says, refusal.En, StringComparison.Ordinal);
        Assert.Contains("主密钥", refusal.Zh, StringComparison.Ordinal);
        if (given is { Length: > 0 })
            Assert.DoesNotContain(given, refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_WhenGivenInHexadecimalBase64OrAFile_ThenItIsTheSame()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "key");
        File.WriteAllText(file, Vault.Key.ToUpperInvariant() + "\n");

        var ids = new[] { Vault.Master(), Vault.Master(Convert.ToBase64String(Convert.FromHexString(Vault.Key))), Vault.Master(null, file: file) }.Select(k => k.Id).Distinct();

        Assert.Equal(16, Assert.Single(ids).Length);
        Assert.DoesNotContain(Vault.Master().Id, Vault.Key, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_WhenTheFileIsMissingOrBothAreSet_ThenThatIsSaid()
    {
        Assert.Equal("Talent:MasterKeyFile", Assert.Throws<MasterKeyException>(() => Vault.Master(null, file: "/nowhere/at/all").Id).Setting);
        Assert.Contains("not both", Assert.Throws<MasterKeyException>(() => Vault.Master(file: "/nowhere/at/all").Id).En, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_WhenNothingIsSetInDevelopment_ThenThereIsOneThatIsUsedNowhereElse()
    {
        Assert.Equal(Vault.Master(null, "Development").Id, Vault.Master("", "Development").Id);
        Assert.NotEqual(Vault.Master(null, "Development").Id, Vault.Master(Vault.Key, "Development").Id);
        Assert.Throws<MasterKeyException>(() => Vault.Master(null, "Staging").Id);
    }
}
