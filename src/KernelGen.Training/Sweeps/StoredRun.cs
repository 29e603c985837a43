namespace KernelGen.Training;

/// <summary>A run and what has become of it.</summary>
/// <param name="Run">The run.</param>
/// <param name="State">How far it is.</param>
/// <param name="Owner">The process that has or had it; empty if none did.</param>
/// <param name="Attempts">How often it was begun.</param>
/// <param name="Seconds">What the training took; 0 unless it ended.</param>
/// <param name="Finished">When it ended, seconds since 1970; 0 unless it did.</param>
/// <param name="Outcome">The outcome as JSON; empty unless it is done.</param>
/// <param name="Error">What went wrong; empty unless it failed.</param>
public sealed record StoredRun(
    SweepRun Run,
    RunState State,
    string Owner,
    int Attempts,
    double Seconds,
    double Finished,
    string Outcome,
    string Error
);
