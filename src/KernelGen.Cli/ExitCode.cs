namespace KernelGen.Cli;

/// <summary>What the command returns to the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The work failed: a broken file, a weight that cannot be packed, cancelled…</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong: an unknown option or format, a missing argument…</summary>
    public const int Usage = 2;
}
