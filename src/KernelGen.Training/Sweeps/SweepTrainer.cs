namespace KernelGen.Training;

/// <summary>Trains one run.</summary>
/// <param name="run">The run.</param>
/// <param name="threads">Threads it may use.</param>
/// <param name="progress">To be told the share that is done, from 0 to 1.</param>
/// <param name="cancellation">Cancels.</param>
/// <returns>The outcome as JSON.</returns>
public delegate string SweepTrainer(SweepRun run, int threads, Action<double> progress, CancellationToken cancellation);
