namespace KernelGen.Cli.Output;

/// <summary>Hands progress on in the thread that makes it; <see cref="Progress{T}"/> would queue it and tell it late.</summary>
internal sealed class RowCounter(Action<long> report) : IProgress<long>
{
    public void Report(long value) => report(value);
}
